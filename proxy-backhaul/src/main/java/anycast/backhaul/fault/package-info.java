/// What can go wrong, in one table: side, scope, retry verdict, status, codes. Imports nothing.
package anycast.backhaul.fault;
