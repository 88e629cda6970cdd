"""The index in Milvus: one client for a file, a server and a cluster.

In reading order: `address` (where a store is), `faults` (what its errors mean), `server` (the
calls, each with a deadline), `schema` (how passages lie there), `runs` and `records` (what else
is known), `rankings` and `reader`, `published` and `staging` (what a run finds and adds),
`target`, `writer`, `texts` and `store`.
"""
