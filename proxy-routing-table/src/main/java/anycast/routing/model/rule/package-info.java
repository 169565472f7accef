/// What the author of a virtual service wrote, as immutable records: hosts, rules, selectors.
/// Imports `java.base` and `model`.
package anycast.routing.model.rule;
