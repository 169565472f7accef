/// `proxy-state`: an embedded store of one node on SQLite that speaks Corrosion's HTTP API. Imports
/// `feed`, Jackson and sqlite-jdbc; a process of its own, nothing imports it but its main and
/// tests.
package anycast.routing.feed.sqlite;
