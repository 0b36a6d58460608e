using System.Text;
using System.Text.Unicode;
using Direct.Memory;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.BackendApi;

/// <summary>
/// Reads <c>application/x-www-form-urlencoded</c> bodies, which carry parameters like a query string. curl, PHP and Python send such bodies by
/// default.
/// </summary>
internal static class RequestForm
{
    // Room for all parameters except the message, including their escapes.
    private const int BytesBesidesTheMessage = 4096;

    /// <summary>Returns whether the body of <paramref name="request"/> is a form.</summary>
    public static bool Is(HttpRequest request, SignalOptions options) =>
        options.ReadForms && HttpMethods.IsPost(request.Method) && RequestBody.Is(request, "application/x-www-form-urlencoded");

    /// <summary>Reads the form as it was sent. The result is empty if the body is not a form.</summary>
    public static async ValueTask<(string Form, Problem? Problem)> ReadAsync(HttpContext context, SignalOptions options, QueueBudget queues)
    {
        if (!Is(context.Request, options))
        {
            return ("", null);
        }

        // An escape takes three bytes for one byte of the message.
        var maxBytes = (3 * options.MaxMessageBytes) + BytesBesidesTheMessage;
        var (body, problem) = await RequestBody.ReadAsync(context, maxBytes, "three for each of Direct:Signals:MaxMessageBytes, and some for the rest", queues);
        if (problem is null && !Utf8.IsValid(body.Span))
        {
            problem = Problem.BadRequest("The body, which is a form, is not valid UTF-8.");
        }

        return problem is null ? (Encoding.UTF8.GetString(body.Span), null) : ("", problem);
    }
}
