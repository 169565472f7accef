/// The HTTP/2 connection between edge and worker: pools and liveness on the edge side, accepting on
/// the worker side. Imports `h2`, `wire`, `exchange`, `identity`.
package anycast.backhaul.link;
