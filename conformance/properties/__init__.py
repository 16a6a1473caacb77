"""Generated requests: made from the request schemas and a seed, the same in every process and every judging."""
