/// What takes connections: listeners, the pipeline of a connection, and how both end. Imports
/// `tls`, `protocol` and `request`, which do not import it; decides nothing about requests.
package anycast.edge.listener;
