"""How fast it is, beside how fast PostgreSQL is and how fast the usual way is.

`make bench` measures; `docs/performance.md` says what came of it. Three things do the
same conversion in turns, on one server with durable settings:

- `limit/`: pgbench on lean tables, without laws, checks, or a web server: the limit;
- `usual/`: a small service as Django REST framework and the ORM are ordinarily used;
- the product, over HTTP, with everything on.
"""
