/// Which instance takes the request: pickers are immutable, the load cells are the one mutable
/// thing. Imports `model`.
package anycast.routing.pick;
