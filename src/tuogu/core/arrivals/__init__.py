"""New orphans placed in the practitioners' order, then smoothed by the two levers that the rules know (S0-22, P-23)."""
