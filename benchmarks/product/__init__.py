"""The product itself, as it is measured: its world, and where its time goes."""
