"""Who must do what by when: standing assignments, their tasks, submissions and reviews."""
