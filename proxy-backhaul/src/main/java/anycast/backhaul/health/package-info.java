/// Whether the instances of this host are ready: the checks of their services, run beside them.
/// Imports `h1`, `head`, `fault`, `runtime` and the table; knows no event loop.
package anycast.backhaul.health;
