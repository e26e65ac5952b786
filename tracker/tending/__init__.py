"""What has to be done from time to time, whoever starts it: a scheduled command, or the service itself once an hour."""
