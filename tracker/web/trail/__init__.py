"""Pages of the trail: what happened, and whether its chains are sound."""
