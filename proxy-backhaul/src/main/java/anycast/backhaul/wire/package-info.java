/// What the edge tells the worker beside the request: instance, exchange id, client. Imports
/// `head`, `exchange` and the table's `model`; knows no connection.
package anycast.backhaul.wire;
