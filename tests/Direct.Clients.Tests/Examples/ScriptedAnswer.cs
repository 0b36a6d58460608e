namespace Direct.Clients.Tests.Examples;

/// <summary>One answer of a <see cref="ScriptedNode"/>. Status 0: the connection ends without one.</summary>
internal sealed record ScriptedAnswer(int Status, string Body = "");
