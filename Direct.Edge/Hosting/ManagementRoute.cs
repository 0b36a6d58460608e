using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Hosting;

/// <summary>
/// A page for operators that a program adds to its node. It is served on the management port; where there is none, on the only port to
/// callers from near (<see cref="Identity.LocalCaller"/>), and to nobody else.
/// </summary>
/// <param name="Path">Its exact path.</param>
/// <param name="Handle">Answers a request for it. Called in the thread that has read the request, which it must not hold up.</param>
public sealed record ManagementRoute(string Path, RequestDelegate Handle);
