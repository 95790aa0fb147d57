"""Who may work what: shifts for a worker, workers for a shift, and the facts the rules weigh."""
