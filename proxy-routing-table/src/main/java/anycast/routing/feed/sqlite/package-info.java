/// `proxy-state`: an embedded store of one node on SQLite that speaks Corrosion's HTTP API. Imports
/// `feed`, `time`, Jackson and sqlite-jdbc; a process of its own, nothing imports it.
package anycast.routing.feed.sqlite;
