"""The repurchase campaign (S2): customers of one policy go to departments by quota, and back by lot.

Four strategies in one room, because they speak of the same stock: `planner` (campaign: screening, quotas, two waves),
`sub_allocation` (department: from a department's pool to its best people), `reclaim` (evaluation and the lot),
`redistribution` (redistribute: from the region's pool to the departments that met the target).
"""
