"""What happens by itself: the periodic jobs, and the process that does them."""
