/// What the author of a virtual service wrote, as immutable records: hosts, rules, selectors.
/// Imports nothing but `java.base`.
package anycast.routing.model.rule;
