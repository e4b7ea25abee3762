"""What may come in the way: people on foot, emergency vehicles, queues, closures."""
