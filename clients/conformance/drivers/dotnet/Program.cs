using System.Text.Json.Nodes;
using Direct.ConformanceDriver;

await using var socket = new SocketCommands();
using var backend = new BackendCommands();
while (await Console.In.ReadLineAsync() is { } line)
{
    var command = JsonNode.Parse(line)!.AsObject();
    var verb = (string)command["do"]!;
    if (SocketCommands.Handles(verb, command))
    {
        await socket.RunAsync(verb, command);
    }
    else
    {
        await backend.RunAsync(verb, command);
    }
}
