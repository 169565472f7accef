/// What virtual services do with requests: canonical paths, and rules compiled into an index by
/// host. Imports `model` only.
package anycast.routing.virtual;
