/// Built-in faults: the one place in the product that locks, hangs, spins and exhausts memory, on
/// purpose, for drills. Imports `model` only.
package anycast.routing.poison;
