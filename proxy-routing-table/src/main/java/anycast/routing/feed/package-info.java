/// Where state comes from: the one SPI and the single writer. Imports `model`, `time`, `table` and
/// Jackson's JSON; only the packages below it import a client library.
package anycast.routing.feed;
