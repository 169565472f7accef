/// What becomes of a request: planning, header rules, faults as answers; pure, apart from the heads
/// it edits. Imports the table, `head`, `fault` and `exchange`, what the handshake said (`tls`),
/// and of `protocol` only the interface that answers faults.
package anycast.edge.request;
