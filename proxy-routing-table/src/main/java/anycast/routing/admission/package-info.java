/// What may come into force: an update is hostile until it has proven itself. Compiles under a
/// budget, rehearses, journals, and keeps out what stopped this process before. Imports `model`,
/// `table` and `feed`; nothing of loops and sockets.
package anycast.routing.admission;
