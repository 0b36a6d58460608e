namespace Direct.Testing.WebSockets;

/// <summary>Reports that the server sent a valid frame that the test did not expect.</summary>
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
