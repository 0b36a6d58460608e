using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Hosting;

/// <summary>
/// Represents a page for operators that a program adds to its node. It is served on the management port. If there is none, it is served on the only
/// port, to local callers only (<see cref="Identity.LocalCaller"/>).
/// </summary>
/// <param name="Path">The exact path of the page.</param>
/// <param name="Handle">Answers a request. It is called in the thread that has read the request, and must not block it.</param>
public sealed record ManagementRoute(string Path, RequestDelegate Handle);
