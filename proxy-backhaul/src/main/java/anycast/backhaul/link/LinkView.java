package anycast.backhaul.link;

import com.fasterxml.jackson.annotation.JsonProperty;

/// One link as an operator sees it, at most a second old.
///
/// @param loop index of the event loop that owns it
/// @param node who is at the other end
/// @param state `dialling`, `open`, `silent` (owes an answer to a PING), `draining`
/// @param roundTripMicros of the last PING; -1 before the first
/// @param ageSeconds since the dial or the accept
public record LinkView(
    int loop,
    String node,
    String state,
    int streams,
    @JsonProperty("rtt_us") long roundTripMicros,
    @JsonProperty("age_s") long ageSeconds) {}
