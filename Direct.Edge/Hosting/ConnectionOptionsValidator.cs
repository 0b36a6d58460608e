using Direct.Edge.BackendApi;
using Direct.Edge.Connections;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Direct.Keeping;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>Checks how the settings of connections relate to each other, to the longest signal and to rights.</summary>
internal sealed class ConnectionOptionsValidator(IOptions<SignalOptions> signals, IOptions<RightsOptions> rights) : IValidateOptions<ConnectionOptions>
{
    // The longest lines that a client needs for a room: 'join <g>,<c> #<ref>', and 'since <part> <position>' with numbers of 20 characters.
    private const int RoomBytes = 20 + 1 + 20;
    private const int JoinBytes = 5 + RoomBytes + 2 + CommandLine.MaxReferenceCharacters + 1;
    private const int SinceBytes = 6 + TopicPart.MaxBytes + 1 + Position.MaxBytes + 1;

    // The longest answers to one join: 'gap' and 'at' for three topics, and 'joined', each with the header of its frame.
    private const int AnswerBytes = (3 * (FrameBytes + 4 + TopicPart.MaxBytes + 1 + Position.MaxBytes))
        + (3 * (FrameBytes + 3 + TopicPart.MaxBytes + 1 + Position.MaxBytes))
        + FrameBytes + 7 + RoomBytes + 2 + CommandLine.MaxReferenceCharacters;

    private const int FrameBytes = 4;

    public ValidateOptionsResult Validate(string? name, ConnectionOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        var largest = Math.Max(Math.Max(options.MaxMessageBytes, options.Direct2 ? options.MaxLaterMessageBytes : 0), signals.Value.MaxMessageBytes);
        if (options.QueueBytes < 2L * largest)
        {
            result.AddError($"{ConnectionOptions.SectionName}:QueueBytes is {options.QueueBytes}; it must be at least twice the largest message "
                + $"({largest}, the largest of {ConnectionOptions.SectionName}:MaxMessageBytes, MaxLaterMessageBytes and {SignalOptions.SectionName}:MaxMessageBytes), "
                + "or a single message could close a connection as slow.");
        }

        if (options.Direct2)
        {
            CheckFirstMessage(options, result);
        }

        if (options.ReadTimeout <= options.PingInterval)
        {
            result.AddError($"{ConnectionOptions.SectionName}:ReadTimeout is {options.ReadTimeout}; it must be longer than PingInterval "
                + $"({options.PingInterval}), or a quiet connection is closed before it was asked whether it lives.");
        }

        if (options.UnjoinedBroadcast is UnjoinedBroadcast.Everyone && rights.Value.Mode is not RightsMode.Open)
        {
            result.AddError($"{ConnectionOptions.SectionName}:UnjoinedBroadcast is everyone; where {RightsOptions.SectionName}:Mode is not open it must be none or "
                + "lobby, or a client without any right could write into every room.");
        }

        foreach (var origin in options.AllowedOrigins.Where(origin => !IsOrigin(origin)))
        {
            result.AddError($"{ConnectionOptions.SectionName}:AllowedOrigins holds '{origin}'; it must be an origin as a browser writes it: "
                + "scheme://host[:port] without a path, https://chat.example.com for instance.");
        }

        return result.Build();
    }

    // A client that comes back to all of its rooms names each of them, and where it stands in each topic, in its first message. All of the answers may
    // wait in its queue together, because it may read only after it has sent.
    private static void CheckFirstMessage(ConnectionOptions options, ValidateOptionsResultBuilder result)
    {
        var bytes = "auth "u8.Length + options.MaxMessageBytes + (options.MaxRooms * JoinBytes) + (options.MaxSince * SinceBytes);
        if (options.MaxFirstMessageBytes < bytes)
        {
            result.AddError($"{ConnectionOptions.SectionName}:MaxFirstMessageBytes is {options.MaxFirstMessageBytes}; it must be at least {bytes}, the token "
                + $"({ConnectionOptions.SectionName}:MaxMessageBytes, {options.MaxMessageBytes}) and the lines of all rooms ({ConnectionOptions.SectionName}:MaxRooms, "
                + $"{options.MaxRooms}), or a client cannot come back to its rooms.");
        }

        var answerBytes = options.MaxRooms * AnswerBytes;
        if (options.QueueBytes < answerBytes)
        {
            result.AddError($"{ConnectionOptions.SectionName}:QueueBytes is {options.QueueBytes}; it must be at least {answerBytes}, the answers to the joins of all "
                + $"rooms ({ConnectionOptions.SectionName}:MaxRooms, {options.MaxRooms}), or a first message could close its connection as slow.");
        }
    }

    private static bool IsOrigin(string text) =>
        text == "null" || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" });
}
