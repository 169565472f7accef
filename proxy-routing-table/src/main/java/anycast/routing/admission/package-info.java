/// What may come into force: an update is hostile until it has proven itself. Compiles under a
/// budget, rehearses, journals, and keeps out what stopped this process before. Imports the feed,
/// the table, the review of rules and what they import; nothing of loops and sockets.
package anycast.routing.admission;
