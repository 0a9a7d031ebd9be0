"""Pages of the facts (考核指标, S1-22): what was measured of people and departments, its source, its corrections."""
