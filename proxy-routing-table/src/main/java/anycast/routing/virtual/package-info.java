/// What virtual services do with requests: canonical paths, rules compiled into an index,
/// selectors. Imports `model` only.
package anycast.routing.virtual;
