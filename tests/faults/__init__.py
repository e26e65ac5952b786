"""The worst day: kills, failing and full disks, power cuts, and everybody at once."""
