-- PostgreSQL alone needed another index here; the two count their migrations together.
SELECT 1;
