using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Direct.Edge.Topics;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Presence;

/// <summary>Writes answers about who is connected.</summary>
internal static class UsersAnswer
{
    /// <summary>Writes a page of users.</summary>
    /// <param name="context">The request.</param>
    /// <param name="page">The users.</param>
    /// <param name="infos">Their names, or null if they were not requested.</param>
    /// <param name="missing">The gateways whose users are missing in the page.</param>
    public static Task WriteAsync(
        HttpContext context, UserPage page, IReadOnlyDictionary<long, UserInfo>? infos, IReadOnlyCollection<string> missing) =>
        BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("users"u8);
            foreach (var row in page.Rows)
            {
                WriteRow(writer, row, infos);
            }

            writer.WriteEndArray();
            writer.WriteString("next"u8, page.Next is { } next ? new Target(next.Group, next.Channel, next.User).ToString() : null);
            WriteEnd(writer, missing, isWhole: true);
        });

    /// <summary>Writes the counts.</summary>
    public static Task WriteAsync(HttpContext context, UserCount count, bool isWhole) =>
        BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("connections"u8, count.Connections);
            writer.WriteNumber("users"u8, count.Users);
            writer.WriteNumber("gateways"u8, count.Gateways);
            WriteEnd(writer, count.Missing, isWhole);
        });

    private static void WriteRow(Utf8JsonWriter writer, UserRow row, IReadOnlyDictionary<long, UserInfo>? infos)
    {
        writer.WriteStartObject();
        writer.WriteNumber("user"u8, row.Key.User);
        writer.WriteNumber("group"u8, row.Key.Group);
        writer.WriteNumber("channel"u8, row.Key.Channel);
        writer.WriteNumber("connections"u8, row.Connections);
        if (infos is not null)
        {
            var info = infos.GetValueOrDefault(row.Key.User);
            writer.WriteString("name"u8, info?.Name);
            writer.WriteString("nick"u8, info?.Nick);
            writer.WriteString("image"u8, info?.Image);
        }

        writer.WriteEndObject();
    }

    private static void WriteEnd(Utf8JsonWriter writer, IReadOnlyCollection<string> missing, bool isWhole)
    {
        writer.WriteBoolean("complete"u8, isWhole && missing.Count == 0);
        BackendAnswer.WriteNames(writer, "missing"u8, missing);
        writer.WriteEndObject();
    }
}
