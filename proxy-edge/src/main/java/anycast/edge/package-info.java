/// The edge process: its configuration, its assembly, and the walk of a request. Imports every
/// other package of the edge; none imports it.
package anycast.edge;
