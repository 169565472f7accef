/// The same load against this chain and against two others, side by side, and a table of what each
/// request cost.
///
/// May import everything: nothing imports it.
package anycast.load.bench;
