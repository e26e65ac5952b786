"""Pages of standing assignments: making, changing, ending, handing over, planning."""
