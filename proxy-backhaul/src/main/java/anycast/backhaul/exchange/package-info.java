/// The engine that both proxies run: who asks, what was decided, what answers, and the bytes
/// between, with exactly one ending. Imports `head`, `fault`, `runtime` and the table's `model`,
/// `pick` and `time`; knows no protocol.
package anycast.backhaul.exchange;
