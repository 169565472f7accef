/// What takes connections: listeners, the pipeline of a connection, and how both end.
package anycast.edge.listener;
