/// Drills on the running demo fleet: what an operator fears is done to it while a client asks every
/// app, and the operator's tool says what happened.
///
/// May import everything: nothing imports it.
package anycast.drill;
