namespace Direct.Testing.WebSockets;

/// <summary>Reports that the server spoke the protocol, but did not say what the test waits for.</summary>
public sealed class UnexpectedFrameException : Exception
{
    public UnexpectedFrameException()
    {
    }

    public UnexpectedFrameException(string message)
        : base(message)
    {
    }

    public UnexpectedFrameException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
