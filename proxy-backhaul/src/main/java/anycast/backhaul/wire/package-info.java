/// What the edge tells the worker beside the request: instance, exchange id, client. Imports `head`
/// and `exchange`.
package anycast.backhaul.wire;
