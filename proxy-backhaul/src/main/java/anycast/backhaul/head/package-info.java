/// What stands before a body: request and response heads as flat lists of byte strings, which one
/// protocol writes as another read them. Imports Netty's buffers and strings only.
package anycast.backhaul.head;
