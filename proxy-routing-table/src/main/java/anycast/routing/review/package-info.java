/// What a change of virtual services would do, found before it is done: rules that get in each
/// other's way, and where requests go before and after. Imports the table and what it imports.
package anycast.routing.review;
