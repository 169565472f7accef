package anycast.backhaul.exchange;

import anycast.backhaul.head.RequestHead;
import anycast.routing.pick.Candidate;

/// One try of a request on one candidate.
///
/// @param head shared by all attempts of the exchange: read, never changed
/// @param end no body follows
/// @param connectNanos how long the connection may take; 0 = as the connector does
/// @param queueNanos how long the worker may let it wait for room at a full instance; 0 = refuse
/// @param patienceNanos how long it may wait for a way to the node, whatever becomes of dials; 0 =
///   as long as a dial usually takes, because others can be asked
public record Attempt(
    Candidate candidate,
    Arrival arrival,
    RequestHead head,
    boolean end,
    long connectNanos,
    long queueNanos,
    long patienceNanos) {}
