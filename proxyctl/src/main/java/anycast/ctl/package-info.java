/// The operator's tool: one file per command, over the admin sockets of the processes. Imports
/// picocli, Jackson, and of the product only `identity` (the private CA) with the ids of `model`,
/// and the state store's `StateFile`; `supervise` alone runs anything for longer than a question.
package anycast.ctl;
