namespace Direct.Client;

/// <summary>Reports that a gateway refused a call, or that no gateway carried it out.</summary>
public sealed class DirectException : Exception
{
    /// <summary>Creates an exception without a status.</summary>
    public DirectException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception without a status that wraps another exception.</summary>
    public DirectException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception with the status and the detail of an answer.</summary>
    public DirectException(string message, int? status, string? detail, Exception? innerException = null)
        : base(message, innerException)
    {
        Status = status;
        Detail = detail;
    }

    /// <summary>
    /// Gets what the gateway answered: the HTTP status of a call over HTTP, or the close code or error code (1000 to 4999) of a connection. Null if there was no
    /// answer.
    /// </summary>
    public int? Status { get; }

    /// <summary>Gets what failed in the client itself. Null if a gateway refused the call or did not answer.</summary>
    public DirectFailure? Failure { get; init; }

    /// <summary>Gets what the gateway said about the refusal: the <c>detail</c> of a problem (RFC 9457), or the text of a close frame or an error. Null if it said nothing.</summary>
    public string? Detail { get; }

    /// <summary>Gets the id of the signal that was sent. A later call with the same id, part and message delivers nothing twice. Null if the call was not a signal.</summary>
    public string? Id { get; init; }

    /// <summary>Gets how many connections took the message although it was refused (409, 503). Null if the answer does not say.</summary>
    public int? Delivered { get; init; }

    /// <summary>Gets the time after which the gateway can be called again. Null if the answer does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the receipts of the signals of a batch that were answered before the exception, also those refused for now. Signals without an answer have none, so find them by their ids. Empty for other calls.</summary>
    public IReadOnlyList<SignalReceipt> Receipts { get; init; } = [];
}
