/// The HTTP/2 connection between edge and worker: pools and liveness on the edge side, accepting on
/// the worker side; apps that speak HTTP/2 are dialled by the same parts. Imports all of this
/// module but `h1` and `worker`.
package anycast.backhaul.link;
